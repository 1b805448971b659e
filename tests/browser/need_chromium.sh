#!/bin/sh
# Make sure there is a Chromium for the browser tests: install Debian's where we may, else say how.
set -e
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
if command -v apt-get >/dev/null; then
  if [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
    exit 0
  elif sudo -n true 2>/dev/null; then
    sudo apt-get update -qq && sudo apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
    exit 0
  fi
fi
echo "The browser tests need Chromium: install it with \`sudo apt-get install chromium\`" >&2
echo "or your system's own package manager, then run \`make test\` again." >&2
exit 1
