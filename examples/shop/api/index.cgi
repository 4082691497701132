#!/bin/sh
# What the shop sells, as JSON, read from the database at each request.

printf 'Content-Type: application/json\r\n\r\n'
echo list | nc "$DB_HOST" "$DB_PORT" |
  awk -F: 'BEGIN { printf "{\"items\": {" } { printf "%s\"%s\": \"%s\"", comma, $1, $2; comma = ", " } END { print "}}" }'
