/**
 * A WAVE file, 48 kHz and 24 bits, mono, of somebody speaking in syllables and
 * pauses. Voices of different seeds sound different and pause at other times.
 */
export function speech(seed: number, seconds = 7): Uint8Array<ArrayBuffer> {
  const rate = 48_000;
  const samples = Math.round(seconds * rate);
  const bytes = new Uint8Array(44 + samples * 3);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 3, true);
  view.setUint16(32, 3, true);
  view.setUint16(34, 24, true);
  text(36, "data");
  view.setUint32(40, samples * 3, true);

  const random = generator(seed);
  const pitch = (2 * Math.PI * (110 + random() * 130)) / rate;
  let left = 0;
  let target = 0;
  let level = 0;
  for (let i = 0; i < samples; i++) {
    if (left-- <= 0) {
      const pause = random() < 0.2;
      left = Math.floor(rate * (pause ? 0.2 + random() * 0.5 : 0.08 + random() * 0.2));
      target = pause ? 0 : 0.25 + 0.75 * random();
    }
    level += (target - level) / 960; // 20 ms
    const voice = 0.3 * Math.sin(pitch * i) + 0.15 * Math.sin(2.01 * pitch * i) + 0.05 * Math.sin(7.3 * pitch * i);
    const value = Math.round((level * voice + (random() - 0.5) * 0.0015) * 0x7fffff);
    bytes[44 + 3 * i] = value & 0xff;
    bytes[45 + 3 * i] = (value >> 8) & 0xff;
    bytes[46 + 3 * i] = (value >> 16) & 0xff;
  }
  return bytes;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
