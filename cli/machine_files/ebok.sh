#!/bin/sh
# Polecenia roota działają jako użytkownik usługi: to, co zapiszą, musi być jego.
if [ "$(id -u)" -eq 0 ] && [ "${1:-}" != admin ]; then
  exec env HOME=@HOME@ setpriv --reuid=@USER@ --regid=@USER@ --init-groups @PROGRAM@ "$@"
fi
exec @PROGRAM@ "$@"
