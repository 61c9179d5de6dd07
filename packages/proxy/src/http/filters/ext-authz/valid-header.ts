/** RFC 9110, section 5.6.2; pseudo headers are headers here. */
const NAME = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** No control characters but the tab (RFC 9110, section 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a header can be sent; its name is in lower case. */
export function isValidHeader(name: string, value: string): boolean {
  return NAME.test(name) && VALUE.test(value);
}

/** The same of a name, in lower case. */
export function isValidHeaderName(name: string): boolean {
  return NAME.test(name);
}
