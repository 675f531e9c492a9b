import { describe, expect, it } from '@jest/globals';
import { modbusFrames, modbusIllegalFunction, modbusReads } from './modbus.js';

/** A request to unit 9 in transaction 0x1234. */
const request = (functionCode: number, ...data: number[]) =>
  Uint8Array.of(0x12, 0x34, 0, 0, 0, data.length + 2, 9, functionCode, ...data);
const framesOf = (bytes: Uint8Array) => {
  const cut = modbusFrames(bytes);
  if (!cut.allowed) throw new Error(cut.refusal.code);
  return cut.value;
};
const frameOf = (bytes: Uint8Array) => {
  const [frame] = framesOf(bytes).frames;
  if (!frame) throw new Error('no frame');
  return frame;
};

describe('Modbus TCP', () => {
  it('is cut into frames wherever the network cut it', () => {
    const stream = Uint8Array.from([...request(3, 0, 1, 0, 2), ...request(6, 0, 1, 0, 5)]);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const first = framesOf(stream.subarray(0, cut));
      const second = framesOf(Uint8Array.from([...first.rest, ...stream.subarray(cut)]));
      expect([...first.frames, ...second.frames].map(({ functionCode }) => functionCode)).toEqual([3, 6]);
      expect(second.rest).toHaveLength(0);
    }
  });
  it.each([
    ['another protocol id', Uint8Array.of(0, 1, 0, 1, 0, 6, 9, 3, 0, 1, 0, 2)],
    ['a length without a function', Uint8Array.of(0, 1, 0, 0, 0, 1, 9)],
    ['a length no frame has', Uint8Array.of(0, 1, 0, 0, 0, 255, 9)],
    ['a greeting of something else', new TextEncoder().encode('SSH-2.0-OpenSSH')],
  ])('is not %s', (_what, bytes) => {
    expect(modbusFrames(bytes)).toMatchObject({ allowed: false, refusal: { code: 'protocol_violation' } });
  });
  it('knows of every function whether it only reads, and takes what it does not know for a write', () => {
    const codes = Array.from({ length: 256 }, (_, code) => code);
    const readingWith = (...data: number[]) => codes.filter((code) => modbusReads(frameOf(request(code, ...data))));
    expect(readingWith(0, 1, 0, 2)).toEqual([1, 2, 3, 4]);
    expect(readingWith()).toEqual([7, 11, 12, 17]);
    expect(readingWith(0, 1)).toEqual([24]);
    expect(readingWith(7, 6, 0, 4, 0, 1, 0, 2)).toEqual([20]);
    expect(modbusReads(frameOf(request(43, 14, 1, 0)))).toBe(true);
    expect(modbusReads(frameOf(request(43, 13, 1, 0)))).toBe(false);
  });
  it('takes no read that carries a second request behind it, for a machine that believes the function and not the header', () => {
    const write = request(6, 0, 1, 0, 5);
    const reads = [[3, 0, 1, 0, 2], [7], [11], [12], [17], [20, 7, 6, 0, 4, 0, 1, 0, 2], [24, 0, 1], [43, 14, 1, 0]];
    for (const [code = 0, ...data] of reads) {
      expect(modbusReads(frameOf(request(code, ...data)))).toBe(true);
      const [smuggling, ...more] = framesOf(request(code, ...data, ...write)).frames;
      expect(more).toEqual([]);
      expect(smuggling && modbusReads(smuggling)).toBe(false);
    }
  });
  it("refuses in the protocol's own words", () => {
    expect([...modbusIllegalFunction(frameOf(request(6, 0, 1, 0, 5)))]).toEqual([0x12, 0x34, 0, 0, 0, 3, 9, 0x86, 1]);
  });
});
