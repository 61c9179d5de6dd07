const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const word = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Characters of a word: a value of a label, and a key without its domain. */
const wordMax = 63;
/** Characters of a domain, and of the names of most objects. */
export const subdomainMax = 253;

/** What a key has to be, for messages. */
export const expectedLabelKey = 'a key such as "name" or "example.com/name"';
/** What a value has to be, for messages. */
export const expectedLabelValue = `at most ${wordMax} of A-Z, a-z, 0-9, "-", "_" and ".", a letter or digit first and last`;

/** Labels in small letters with dots between them (RFC 1123). */
export function isSubdomain(name: string): boolean {
  return name.length <= subdomainMax && subdomain.test(name);
}

/** A qualified name, which keys of labels and of annotations are: an optional domain and a slash, and a word. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  return isWord(key.slice(slash + 1)) && (slash < 0 || isSubdomain(key.slice(0, slash)));
}

/** Nothing is a value as well. */
export function isLabelValue(value: string): boolean {
  return value === "" || isWord(value);
}

function isWord(text: string): boolean {
  return text.length <= wordMax && word.test(text);
}
