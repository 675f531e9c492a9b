import { allow, type Decision, refuse } from '../decision.js';

/** One Modbus TCP frame as it came: header (MBAP) and protocol data unit. MODBUS Messaging on TCP/IP V1.0b, section 3.1.3. */
export interface ModbusFrame {
  readonly bytes: Uint8Array;
  /** Whom behind the address it is for, section 3.1.3: a bridge hands it to the serial line. */
  readonly unit: number;
  readonly functionCode: number;
}

export type ModbusRefusal = 'protocol_violation';

const HEADER = 7;
/** Unit identifier and at least a function code; at most 253 bytes of data unit. */
const [SHORTEST, LONGEST] = [2, 254];

/**
 * Function codes that only read (MODBUS Application Protocol V1.1b3, section 6) with the bytes of their data unit: coils, discrete inputs,
 * holding and input registers, exception status, communication event counter and log, server id, FIFO queue. 8 is left out: its sub-functions
 * restart and silence a device. File record (20) and, of 43, the identification stand for themselves below: they say their length otherwise.
 */
const READING: ReadonlyMap<number, number> = new Map([
  ...[1, 2, 3, 4].map((code) => [code, 5] as const),
  ...[7, 11, 12, 17].map((code) => [code, 1] as const),
  [24, 3],
]);
const READ_FILE_RECORD = 20;
const ENCAPSULATED = 43;
const READ_DEVICE_IDENTIFICATION = 14;
const ILLEGAL_FUNCTION = 1;
const PATH_UNAVAILABLE = 10;

/**
 * Cuts a byte stream into whole frames and gives back what is left over. Anything that is not Modbus TCP is refused: a filter that
 * guessed where a frame ends could be made to see a read where the machine sees a write.
 */
export function modbusFrames(
  bytes: Uint8Array,
): Decision<{ readonly frames: readonly ModbusFrame[]; readonly rest: Uint8Array }, ModbusRefusal> {
  const frames: ModbusFrame[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER) {
    const length = word(bytes, at + 4);
    if (word(bytes, at + 2) !== 0 || length < SHORTEST || length > LONGEST) return refuse('protocol_violation');
    const end = at + HEADER - 1 + length;
    if (end > bytes.length) break;
    frames.push({
      bytes: bytes.subarray(at, end),
      unit: bytes[at + HEADER - 1] ?? 0,
      functionCode: bytes[at + HEADER] ?? 0,
    });
    at = end;
  }
  return allow({ frames, rest: bytes.subarray(at) });
}

/**
 * Whether this request changes nothing in the machine. A function that is not known to read is taken for one that writes, and so is a read with
 * more behind it than its function has: a machine that takes the length from the function, as many do, would find a second request there.
 */
export function modbusReads({ bytes, functionCode }: ModbusFrame): boolean {
  const unit = bytes.length - HEADER;
  if (functionCode === ENCAPSULATED) return unit === 4 && bytes[HEADER + 1] === READ_DEVICE_IDENTIFICATION;
  if (functionCode === READ_FILE_RECORD) return unit === 2 + (bytes[HEADER + 1] ?? 0);
  return READING.get(functionCode) === unit;
}

/** The protocol's own answer to a function that may not be used: exception "illegal function", same transaction, same unit. */
export const modbusIllegalFunction = (frame: ModbusFrame): Uint8Array => exception(frame, ILLEGAL_FUNCTION);

/** The protocol's own answer where a unit cannot be reached through here: exception "gateway path unavailable". */
export const modbusPathUnavailable = (frame: ModbusFrame): Uint8Array => exception(frame, PATH_UNAVAILABLE);

const exception = ({ bytes, unit, functionCode }: ModbusFrame, code: number): Uint8Array =>
  Uint8Array.of(bytes[0] ?? 0, bytes[1] ?? 0, 0, 0, 0, 3, unit, (functionCode & 0x7f) | 0x80, code);

const word = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
