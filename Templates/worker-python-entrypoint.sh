#!/bin/sh
# Starts Sematic's worker, with all arguments as they came.
exec /sematic/start /usr/bin/python3 -m sematic.resolvers.worker "$@"
