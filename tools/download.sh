#!/bin/sh
# Run a command that downloads: silent when it works, and one line when it fails because there is no network.
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
"$@" >"$log" 2>&1 && exit 0
code=$?
# The words of pip, uv and npm. An index that has no version at all of a locked package was not reached.
if grep -qE 'connection broken by|from versions: none|dns error|tcp connect error|client error \(Connect\)|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT' "$log"; then
  echo "no network: $(basename "$1") could not reach its package index. The first run downloads Python packages," \
    "Node and the CDK CLI; connect and run it again, or name a proxy or mirror (HTTPS_PROXY, PIP_INDEX_URL," \
    "UV_INDEX_URL, NPM_CONFIG_REGISTRY)." >&2
else
  cat "$log" >&2
fi
exit "$code"
