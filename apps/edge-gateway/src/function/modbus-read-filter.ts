import type { Filtered, StreamFilter } from '@interlock/company-side';
import { type ModbusFrame, modbusFrames, modbusIllegalFunction, modbusReads } from '@interlock/domain';

/**
 * Lets the reading functions of Modbus TCP pass and answers every other with the protocol's exception; the machine never sees it. The
 * frames the machine gets are cut here, so that what is judged and what arrives are the same bytes.
 */
export class ModbusReadFilter implements StreamFilter {
  private asked: Buffer = Buffer.alloc(0);
  private said: Buffer = Buffer.alloc(0);

  constructor(private readonly onRefused: (functionName: string) => void) {}

  request(chunk: Buffer): Filtered | undefined {
    const cut = modbusFrames(Buffer.concat([this.asked, chunk]));
    if (!cut.allowed) return undefined;
    this.asked = Buffer.from(cut.value.rest);
    const [onward, answer]: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const frame of cut.value.frames) {
      if (modbusReads(frame)) onward.push(frame.bytes);
      else answer.push(this.refuse(frame));
    }
    return { onward: Buffer.concat(onward), answer: Buffer.concat(answer) };
  }

  response(chunk: Buffer): Buffer | undefined {
    const cut = modbusFrames(Buffer.concat([this.said, chunk]));
    if (!cut.allowed) return undefined;
    this.said = Buffer.from(cut.value.rest);
    return Buffer.concat(cut.value.frames.map(({ bytes }) => bytes));
  }

  private refuse(frame: ModbusFrame): Uint8Array {
    this.onRefused(`modbus ${frame.functionCode}`);
    return modbusIllegalFunction(frame);
  }
}
