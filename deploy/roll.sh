#!/usr/bin/env bash
# Builds and replaces running services, each in the way that loses nothing:
#   ./roll.sh worker          new ones beside the old ones, then the old ones drain (needs docker-rollout)
#   ./roll.sh gateway         the old one ends, the new one starts; likewise console
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
  gateway | console) ;;
  worker)
    docker rollout --help >/dev/null 2>&1 || fail "docker rollout is missing: install it from \
https://github.com/wowu/docker-rollout, or replace the workers without: docker compose up --detach --no-deps worker"
    ;;
  redis) fail "redis holds everything that waits: replace it by hand, with docker compose up --detach redis" ;;
  *) fail "unknown service \"$1\": use worker, gateway or console" ;;
  esac
}

roll() {
  case "$1" in
  # Healthy means that it takes events. New ones that do not get there within a minute are removed, and the old ones stay.
  worker) docker rollout --timeout 60 worker ;;
  # A second gateway would take the bots from the first, so the old one ends before the new one starts. Discord repeats
  # what came between; on Slack RTM it is announced as a gap.
  *) docker compose up --detach --no-deps --wait --wait-timeout 120 "$1" ;;
  esac
}

services=("$@")
[ ${#services[@]} -gt 0 ] || services=(worker gateway console)
for service in "${services[@]}"; do check "$service"; done
# A build that fails has changed nothing.
docker compose build "${services[@]}"
for service in "${services[@]}"; do roll "$service"; done
