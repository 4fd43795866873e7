# The registry as an image: the server, Nix, and what Nix and git need. Built from Microsoft's two images and Ubuntu's packages alone:
#
#   docker build -t nixery --build-arg NIXERY_REVISION=$(scripts/revision) .
#   docker run --rm -p 8080:8080 -v nixery:/nix nixery
#
# No setting is needed. All that it writes is below /nix, so the root file system may be read-only. docs/run.md says the rest.

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
# What `nixery --version` says; the build has no git history to count.
ARG NIXERY_REVISION=
WORKDIR /src
COPY . .
# First as the committed lock files have it; then for the machine that it is to run on, compiled ahead of its start.
RUN dotnet restore src/Nixery.Server --locked-mode \
 && dotnet publish src/Nixery.Server -c Release -a "$TARGETARCH" -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# tini takes in the processes that a build leaves behind. libnss-extrausers names the user where the platform chooses its number,
# without which ssh refuses to run. curl comes with Nix.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      nix-bin git openssh-client ca-certificates libdeflate0 libzstd1 patchelf tini libnss-extrausers curl \
 && nix-instantiate --eval --expr 'if builtins.compareVersions builtins.nixVersion "2.18" < 0 then throw "nixpkgs needs Nix 2.18" else builtins.nixVersion' \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /nix /var/lib/extrausers "$HOME/.cache" \
 && mkdir /nix && chown 1654:0 /nix && chmod 0775 /nix \
 && ln -s /nix/var/nixery/extrausers /var/lib/extrausers \
 && sed -i -e 's/^passwd:.*/passwd: files extrausers/' -e 's/^group:.*/group: files extrausers/' /etc/nsswitch.conf
COPY deploy/container/nix.conf /etc/nix/nix.conf
COPY --chmod=0755 deploy/container/start /usr/local/bin/nixery-start
COPY --chmod=0755 deploy/container/health /usr/local/bin/nixery-health
COPY --from=build /app /opt/nixery
RUN ln -s /opt/nixery/nixery /usr/local/bin/nixery && nixery --version

# XDG_DATA_HOME is the folder whose nixery/ the server calls its own. The store is nobody else's, so garbage is collected from 20 GiB on.
ENV HOME=/nix/var/nixery/home TMPDIR=/nix/var/nixery/tmp XDG_DATA_HOME=/nix/var USER=nixery DOTNET_EnableDiagnostics=0 \
    Nixery__Nix__StoreMaxBytes=21474836480
# The user `app` of Microsoft's image; a number, so that a cluster can see that it is not root. Any other will do.
USER 1654
WORKDIR /nix
VOLUME /nix
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["nixery-health"]
ENTRYPOINT ["tini", "-s", "--", "nixery-start"]
CMD ["serve"]
ARG NIXERY_REVISION=
LABEL org.opencontainers.image.revision="$NIXERY_REVISION" \
      org.opencontainers.image.title="Nixery in C#" \
      org.opencontainers.image.description="A container registry whose image names are package lists, built by Nix"
