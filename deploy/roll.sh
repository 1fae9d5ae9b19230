#!/usr/bin/env bash
# Builds and replaces running services, each in the way that loses nothing:
#   ./roll.sh worker          new ones beside the old ones, then the old ones drain (needs docker-rollout)
#   ./roll.sh gateway         likewise: the new one takes over what the old one holds, then the old one ends
#   ./roll.sh console         the old one ends, the new one starts
#   ./roll.sh                 all three, workers first
# Other settings than those of .env: COMPOSE_ENV_FILES and COMPOSE_PROFILES, as for docker compose itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() {
  echo "roll.sh: $1" >&2
  exit 2
}

check() {
  case "$1" in
  console) ;;
  gateway | worker)
    docker rollout --help >/dev/null 2>&1 || fail "docker rollout is missing: install it from \
https://github.com/wowu/docker-rollout, or replace it stop first: docker compose up --detach --no-deps $1"
    ;;
  redis) fail "redis holds everything that waits: replace it by hand, with docker compose up --detach redis" ;;
  *) fail "unknown service \"$1\": use worker, gateway or console" ;;
  esac
}

roll() {
  case "$1" in
  # Healthy means that it takes events. New ones that do not get there within a minute are removed, and the old ones stay.
  worker) docker rollout --timeout 60 worker ;;
  # Healthy means that it has taken a connection from the old one and serves it. Slack may let it wait a minute for an
  # address of RTM. One that fails gives back what it took and is removed, and the old one serves on.
  gateway) docker rollout --timeout 180 gateway ;;
  *) docker compose up --detach --no-deps --wait --wait-timeout 120 "$1" ;;
  esac
}

services=("$@")
[ ${#services[@]} -gt 0 ] || services=(worker gateway console)
for service in "${services[@]}"; do check "$service"; done
# A build that fails has changed nothing.
docker compose build "${services[@]}"
for service in "${services[@]}"; do roll "$service"; done
