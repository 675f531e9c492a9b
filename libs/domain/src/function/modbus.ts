import { allow, type Decision, refuse } from '../decision.js';

/** One Modbus TCP frame as it came: header (MBAP) and protocol data unit. MODBUS Messaging on TCP/IP V1.0b, section 3.1.3. */
export interface ModbusFrame {
  readonly bytes: Uint8Array;
  readonly functionCode: number;
}

export type ModbusRefusal = 'protocol_violation';

const HEADER = 7;
/** Unit identifier and at least a function code; at most 253 bytes of data unit. */
const [SHORTEST, LONGEST] = [2, 254];

/**
 * Function codes that only read (MODBUS Application Protocol V1.1b3, section 6): coils, discrete inputs, holding and input registers,
 * exception status, communication event counter and log, server id, file record, FIFO queue. 8 is left out: its sub-functions restart and
 * silence a device. 43 stands for itself below: of its transports only the identification is a reading one.
 */
const READING = new Set([1, 2, 3, 4, 7, 11, 12, 17, 20, 24]);
const ENCAPSULATED = 43;
const READ_DEVICE_IDENTIFICATION = 14;
const ILLEGAL_FUNCTION = 1;

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
    frames.push({ bytes: bytes.subarray(at, end), functionCode: bytes[at + HEADER] ?? 0 });
    at = end;
  }
  return allow({ frames, rest: bytes.subarray(at) });
}

/** Whether this request changes nothing in the machine. A function that is not known to read is taken for one that writes. */
export function modbusReads({ bytes, functionCode }: ModbusFrame): boolean {
  if (functionCode === ENCAPSULATED) return bytes[HEADER + 1] === READ_DEVICE_IDENTIFICATION;
  return READING.has(functionCode);
}

/** The protocol's own answer to a function that may not be used: exception "illegal function", same transaction, same unit. */
export function modbusIllegalFunction({ bytes, functionCode }: ModbusFrame): Uint8Array {
  const unit = bytes[HEADER - 1] ?? 0;
  return Uint8Array.of(bytes[0] ?? 0, bytes[1] ?? 0, 0, 0, 0, 3, unit, (functionCode & 0x7f) | 0x80, ILLEGAL_FUNCTION);
}

const word = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
