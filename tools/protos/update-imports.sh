#!/bin/sh
# Rewrites imports.go from the modules that go.mod pins: every v3 package of Envoy's API (and of contrib), and
# all of xDS. The v2 packages that the module still carries are left out: Envoy 1.40 does not know them either.
set -eu
cd "$(dirname "$0")"
packages() {
  dir=$(go list -m -f '{{.Dir}}' "$1")
  (cd "$dir" && find . -name '*.pb.go' -printf '%h\n') | sed "s|^\./|$1/|" | LC_ALL=C sort -u
}
{
  echo '// Written by update-imports.sh.'
  echo
  echo 'package main'
  echo
  echo 'import ('
  {
    packages github.com/envoyproxy/go-control-plane/envoy | grep -E '/annotations$|/v3(alpha)?(/|$)'
    packages github.com/envoyproxy/go-control-plane/contrib | grep -E '/v3(alpha)?(/|$)'
    packages github.com/cncf/xds/go
  } | LC_ALL=C sort -u | sed 's|.*|\t_ "&"|'
  echo ')'
} > imports.go
gofmt -l imports.go
