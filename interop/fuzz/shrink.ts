/** How many inputs are tried to make one smaller. */
const TRIES_MAX = 5000;

/** A smaller input for which `fails` still holds: pieces are taken out, then bytes are made plain, as long as that helps. */
export function shrinkInput(input: Buffer, fails: (input: Buffer) => boolean): Buffer {
  let smallest = input;
  let tries = 0;
  const attempt = (candidate: Buffer): boolean => {
    if (++tries > TRIES_MAX || !fails(candidate)) return false;
    smallest = candidate;
    return true;
  };
  for (let size = input.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < smallest.length;) {
      const rest = [smallest.subarray(0, at), smallest.subarray(at + size)];
      if (!attempt(Buffer.concat(rest))) at += size;
    }
  }
  for (let at = 0; at < smallest.length; at++) {
    if (smallest[at] === PLAIN) continue;
    const plainer = Buffer.from(smallest);
    plainer[at] = PLAIN;
    attempt(plainer);
  }
  return smallest;
}

const PLAIN = 0x30;
