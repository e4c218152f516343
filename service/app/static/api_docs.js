// Yours: start Swagger UI.
"use strict";
const api = document.getElementById("api");
SwaggerUIBundle({ domNode: api, url: api.dataset.document, deepLinking: true, validatorUrl: null });
