/**
 * A 64-bit number that is changed in place, in two signed halves: BigInts would cost an allocation for each step of a
 * hash. Arithmetic wraps at 2^64.
 */
export class Hash64 {
  /** The upper 32 bits, as an int32. */
  high = 0;
  /** The lower 32 bits, as an int32. */
  low = 0;

  set(high: number, low: number): void {
    this.high = high | 0;
    this.low = low | 0;
  }

  copy(other: Hash64): void {
    this.high = other.high;
    this.low = other.low;
  }

  add(high: number, low: number): void {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    this.low = sum | 0;
  }

  xor(high: number, low: number): void {
    this.high ^= high;
    this.low ^= low;
  }

  /** To the left, by 1 to 31 bits. */
  rotate(bits: number): void {
    const { high, low } = this;
    this.high = (high << bits) | (low >>> (32 - bits));
    this.low = (low << bits) | (high >>> (32 - bits));
  }

  /** The number XOR itself shifted to the right by 1 to 63 bits. */
  xorShifted(bits: number): void {
    const { high, low } = this;
    if (bits >= 32) {
      this.low = low ^ (bits === 32 ? high : high >>> (bits - 32));
      return;
    }
    this.high = high ^ (high >>> bits);
    this.low = low ^ ((low >>> bits) | (high << (32 - bits)));
  }

  multiply(high: number, low: number): void {
    const a = this.low;
    const a0 = a & 0xffff;
    const a1 = a >>> 16;
    const b0 = low & 0xffff;
    const b1 = low >>> 16;
    const cross0 = Math.imul(a0, b1);
    const cross1 = Math.imul(a1, b0);
    const middle = (Math.imul(a0, b0) >>> 16) + (cross0 & 0xffff) + (cross1 & 0xffff);
    const carried = Math.imul(a1, b1) + (cross0 >>> 16) + (cross1 >>> 16) + (middle >>> 16);
    this.high = (carried + Math.imul(this.high, low) + Math.imul(a, high)) | 0;
    this.low = Math.imul(a, low);
  }

  /** The remainder of the unsigned number; `divisor` is a whole number from 1 to 2^32. */
  modulo(divisor: number): number {
    const { high, low } = this;
    let rest = (high >>> 0) % divisor;
    rest = (rest * 0x1_0000 + (low >>> 16)) % divisor;
    return (rest * 0x1_0000 + (low & 0xffff)) % divisor;
  }

  /** 16 digits. */
  toHex(): string {
    return hexOf(this.high) + hexOf(this.low);
  }
}

function hexOf(half: number): string {
  return (half >>> 0).toString(16).padStart(8, "0");
}
