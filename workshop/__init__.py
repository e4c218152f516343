"""Commands that only the kit's developers need; a project made from the template does not have them."""
