/** Fields of the static table (RFC 7541 appendix A). Dynamic entries have the indices behind it. */
export const STATIC_ENTRIES = 61;

const FIELDS = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`
  .split("\n")
  .map((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
  });

/** By index, which begins with 1; index 0 is no field. Constants, so that comparing names is comparing pointers. */
export const STATIC_NAMES: readonly string[] = ["", ...FIELDS.map(([name]) => constant(name!))];
export const STATIC_VALUES: readonly string[] = [
  "",
  ...FIELDS.map(([, value]) => constant(value!)),
];

/** The string as a property name has it: one object for all equal ones. */
function constant(text: string): string {
  return Object.keys({ [text]: 0 })[0]!;
}
