#!/bin/sh
# The shop's one page: what it was built with, what the seed job left it, and what the api sells.

escaped() { printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'; }

[ ! -d /alloc ] || echo "a visit at $(date -u +%H:%M:%S)" >>/alloc/visits
items=$(wget -q -O - "$API_URL/") || items='the api does not answer'

printf 'Content-Type: text/html; charset=utf-8\r\n\r\n'
cat <<PAGE
<!doctype html>
<title>$(escaped "$SHOP_NAME")</title>
<h1>$(escaped "$SHOP_NAME")</h1>
<p>Flavour: <b>$(escaped "$FLAVOUR")</b></p>
<p>From the seed job: <b>$(escaped "$BANNER")</b></p>
<p>API key: <b>$([ -n "$API_KEY" ] && echo set || echo missing)</b></p>
<p>In stock:</p>
<pre>$(escaped "$items")</pre>
PAGE
