import type { Filtered, StreamFilter } from '@interlock/company-side';
import {
  type ModbusFrame,
  modbusFrames,
  modbusIllegalFunction,
  modbusPathUnavailable,
  modbusReads,
} from '@interlock/domain';

export interface ModbusMay {
  /** Only functions that read. */
  readonly readOnly: boolean;
  /** The one unit that is this machine; every unit of the address where left out. */
  readonly unit?: number | undefined;
}

/**
 * Lets pass what a right to Modbus TCP covers: the machine's own unit, and where it is a right to read, functions that read. Every other request is
 * answered with the protocol's exception; the machine never sees it. The frames it gets are cut here, so that what is judged and what arrives are the
 * same bytes.
 */
export class ModbusFilter implements StreamFilter {
  private asked: Buffer = Buffer.alloc(0);
  private said: Buffer = Buffer.alloc(0);

  constructor(
    private readonly may: ModbusMay,
    private readonly onRefused: (functionName: string) => void,
  ) {}

  request(chunk: Buffer): Filtered | undefined {
    const cut = modbusFrames(Buffer.concat([this.asked, chunk]));
    if (!cut.allowed) return undefined;
    this.asked = Buffer.from(cut.value.rest);
    const [onward, answer]: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const frame of cut.value.frames) {
      const refusal = this.refusal(frame);
      if (refusal) answer.push(refusal);
      else onward.push(frame.bytes);
    }
    return { onward: Buffer.concat(onward), answer: Buffer.concat(answer) };
  }

  response(chunk: Buffer): Buffer | undefined {
    const cut = modbusFrames(Buffer.concat([this.said, chunk]));
    if (!cut.allowed) return undefined;
    this.said = Buffer.from(cut.value.rest);
    return Buffer.concat(cut.value.frames.map(({ bytes }) => bytes));
  }

  private refusal(frame: ModbusFrame): Uint8Array | undefined {
    const { readOnly, unit } = this.may;
    // Behind a bridge every unit is another machine, and unit 0 is all of them.
    if (unit !== undefined && frame.unit !== unit) {
      this.onRefused(`modbus unit ${frame.unit}`);
      return modbusPathUnavailable(frame);
    }
    if (!readOnly || modbusReads(frame)) return undefined;
    this.onRefused(`modbus ${frame.functionCode}`);
    return modbusIllegalFunction(frame);
  }
}
