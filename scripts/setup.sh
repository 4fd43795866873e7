# What the scripts have in common: finding out what is missing and getting it. Sourced, not run.
# The machine's Nix configuration is never edited: what Nix must know is in NIX_CONFIG.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/nixery

say() { printf 'nixery: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The screen is for what matters here.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

# The SDK that global.json asks for.
need_sdk() {
  command -v dotnet >/dev/null ||
    die "the .NET SDK 10 is missing; install dotnet-sdk-10.0: https://learn.microsoft.com/dotnet/core/install/linux"
  local said
  said=$(cd "$root" && dotnet --version 2>&1) || {
    # dotnet itself may be what does not start, for want of libicu for instance: its own words tell.
    printf '%s\n' "$said" >&2
    die "the .NET SDK 10.0.100 or newer (global.json) does not run here"
  }
}

# need_tools COMMAND=PACKAGE...: installs the Debian packages of the commands that are missing.
need_tools() {
  local pair missing=()
  for pair; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  ((${#missing[@]})) || return 0
  need_packages "${missing[@]}"
}

# need_packages PACKAGE...: installs Debian packages that are missing.
need_packages() {
  if ! command -v apt-get >/dev/null; then
    die "these Debian packages are missing, by whatever name your system has them: $*"
  elif [ "$(id -u)" != 0 ]; then
    die "these packages are missing; as root: apt-get install --no-install-recommends $*"
  fi
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  install_packages "$@" || { apt-get update -qq && install_packages "$@"; } ||
    die "apt-get could not install $*"
}

install_packages() {
  local said
  said=$(apt-get install -y -qq --no-install-recommends "$@" 2>&1) || {
    printf '%s\n' "$said" >&2
    return 1
  }
}

# What layers are compressed with. Without them the server goes on with .NET's own gzip; here they are to be had.
need_libraries() {
  local pair missing=()
  for pair in libdeflate.so.0=libdeflate0 libzstd.so.1=libzstd1; do
    PATH=$PATH:/usr/sbin:/sbin ldconfig -p | grep -F "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  ((${#missing[@]})) || return 0
  need_packages "${missing[@]}"
}

# What the bundled package set is made and built with.
need_nix() {
  need_tools nix-build=nix-bin git=git patchelf=patchelf perl=perl dpkg-deb=dpkg tar=tar flock=util-linux
}

# What Nix must know here. Debian's nix-bin has no users to build as, and without them it does not start a build for
# root; what the machine's own configuration or NIX_CONFIG says besides still holds.
configure_nix() {
  if [ "$(id -u)" = 0 ] && ! getent group nixbld >/dev/null && [ ! -S /nix/var/nix/daemon-socket/socket ]; then
    add_nix_config "build-users-group ="
    # The sandbox needs rights that a container does not give; who has a nixbld group has a Nix that is set up for it.
    add_nix_config "sandbox = false"
  fi
  add_nix_config "max-jobs = auto"
}

add_nix_config() { # what the user has said comes last, and so counts
  NIX_CONFIG="$1
${NIX_CONFIG:-}"
  export NIX_CONFIG
}

# Whether this user may write the Nix store, before the time for all the rest is spent.
check_store() {
  [ -w /nix/store ] || [ -S /nix/var/nix/daemon-socket/socket ] || { [ ! -e /nix ] && [ "$(id -u)" = 0 ]; } ||
    die "this user may not write the Nix store (/nix/store); run as root, or with a Nix daemon: https://nixos.org/download"
}

# Makes the bundled package set and has Nix and the server use it.
use_bundled_packages() {
  say "preparing the bundled package set"
  "$root/examples/debian-packages/make" -o "$data/debian-packages"
  export NIXERY_PKGS_PATH=$data/debian-packages/current
  # The set unpacks with this machine's tools, so outside of a sandbox; and there is no cache that has it, so none is
  # asked: Nix would wait for one that cannot be reached at each build.
  add_nix_config "sandbox = false"
  add_nix_config "substituters ="
}

# Builds the server, quietly unless that fails.
build_server() {
  say "building the server"
  local said
  said=$(dotnet build "$root/src/Nixery.Server" -c Release -v quiet --nologo -clp:NoSummary 2>&1) || {
    printf '%s\n' "$said" >&2
    die "the server does not build"
  }
}

server=$root/src/Nixery.Server/bin/Release/net10.0/nixery
