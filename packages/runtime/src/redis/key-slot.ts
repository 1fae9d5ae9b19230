const SLOTS = 16_384
const CRC_POLYNOMIAL = 0x1021

/**
 * The slot of a Cluster that a key is in: CRC16 (XMODEM) of what stands between its first braces, if anything does, else of
 * the whole key. https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function keySlot(key: string): number {
  const [, tag] = /^[^{]*\{([^}]+)\}/.exec(key) ?? []
  return crc16(Buffer.from(tag ?? key)) % SLOTS
}

function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) {
      const next = crc << 1
      crc = (next & 0x10000) === 0 ? next : (next ^ CRC_POLYNOMIAL) & 0xffff
    }
  }
  return crc
}
