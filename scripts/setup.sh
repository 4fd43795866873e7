# What the scripts have in common: finding out what is missing and getting it. Sourced, not run.
# The machine's Nix configuration is never edited: what Nix must know is in NIX_CONFIG.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/nixery

say() { printf 'nixery: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The SDK that global.json asks for.
need_sdk() {
  command -v dotnet >/dev/null ||
    die "the .NET SDK 10 is missing; install dotnet-sdk-10.0: https://learn.microsoft.com/dotnet/core/install/linux"
  (cd "$root" && dotnet --version >/dev/null 2>&1) ||
    die "this needs the .NET SDK 10.0.100 or newer (global.json); here are: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ')"
}

# need_tools COMMAND=PACKAGE...: installs the Debian packages of the commands that are missing.
need_tools() {
  local pair missing=()
  for pair; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  ((${#missing[@]})) || return 0
  if ! command -v apt-get >/dev/null; then
    die "these Debian packages are missing, by whatever name your system has them: ${missing[*]}"
  elif [ "$(id -u)" != 0 ]; then
    die "these packages are missing; as root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  install_packages "${missing[@]}" || { apt-get update -qq && install_packages "${missing[@]}"; } ||
    die "apt-get could not install ${missing[*]}"
}

install_packages() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

# What the bundled package set is made and built with.
need_nix() {
  need_tools nix-build=nix-bin git=git patchelf=patchelf perl=perl dpkg-deb=dpkg tar=tar flock=util-linux
}

# Makes the bundled package set and has Nix and the server use it.
use_bundled_packages() {
  say "preparing the bundled package set"
  "$root/examples/debian-packages/make" -o "$data/debian-packages"
  export NIXERY_PKGS_PATH=$data/debian-packages/current
  # The set unpacks with this machine's tools, so outside of a sandbox; and there is no cache that has it, so none is
  # asked: Nix would wait for one that cannot be reached at each build.
  export NIX_CONFIG="sandbox = false
build-users-group =
substituters =
max-jobs = auto
${NIX_CONFIG:-}"
}

# Builds the server, quietly unless that fails.
build_server() {
  say "building the server"
  dotnet build "$root/src/Nixery.Server" -c Release -v quiet --nologo -clp:NoSummary >&2 || die "the server does not build"
}

server=$root/src/Nixery.Server/bin/Release/net10.0/nixery
