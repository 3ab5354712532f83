#!/bin/sh
# Starts the launch program of a Sematic image, with all arguments as they came.
#
# Sematic's worker contract: /sematic/bin is on PATH, and the home folder is writable.

case ":${PATH:-}:" in
  *:/sematic/bin:*) ;;
  *) PATH="/sematic/bin:${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" ;;
esac
export PATH

# Permission bits do not tell: the file system may be read-only, and root may lack the capabilities to ignore them.
can_write() {
  [ -d "$1" ] && (umask 077 && : >"$1/.sematic-write-test.$$") 2>/dev/null && rm -f "$1/.sematic-write-test.$$"
}

if [ -z "${HOME:-}" ] || ! can_write "$HOME"; then
  for HOME in "${TMPDIR:-/tmp}/sematic-home" "${TMPDIR:-/tmp}/sematic-home.$$" "${TMPDIR:-/tmp}"; do
    [ -d "$HOME" ] || mkdir -m 700 "$HOME" 2>/dev/null
    if can_write "$HOME"; then break; fi
  done
  export HOME
fi

# A base may trust nobody. libcurl looks into that file alone; OpenSSL into the one of the variable, too.
if [ -f /sematic/lib/ca-certificates.crt ] && [ -z "${SSL_CERT_FILE:-}" ]; then
  trusted=
  for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    if [ -e "$file" ]; then trusted=$file; fi
  done
  if [ -z "$trusted" ]; then
    mkdir -p /etc/ssl/certs 2>/dev/null && ln -s /sematic/lib/ca-certificates.crt /etc/ssl/certs/ 2>/dev/null
    SSL_CERT_FILE=/sematic/lib/ca-certificates.crt
    export SSL_CERT_FILE
  fi
fi

if [ "$#" -eq 0 ]; then
  echo "$0: no program to start" >&2
  exit 64
fi
exec "$@"
