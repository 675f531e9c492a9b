import type { LocalId } from '../names.js';

/** Modbus data model, MODBUS Application Protocol V1.1b3, section 4.3. */
export type ModbusTable = 'coil' | 'discrete-input' | 'input-register' | 'holding-register';
/** How a value is written into registers; `bit` for coils and discrete inputs, and only for them. */
export type ModbusFormat = 'bit' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32';

/** One value of a controller, and the key it leaves under. */
export interface ModbusValue {
  readonly key: string;
  readonly table: ModbusTable;
  /** As in the protocol data unit: the first is 0. */
  readonly address: number;
  readonly format: ModbusFormat;
  /** Two registers hold the high word first unless this says otherwise. */
  readonly lowWordFirst?: boolean | undefined;
  /** What the number is multiplied by: 0.1 where the controller counts tenths. */
  readonly factor?: number | undefined;
}

/** One topic of the plant's own broker, exactly, and the key that its messages have. */
export interface MqttTopic {
  readonly topic: string;
  readonly key: string;
}

interface SourceAt {
  readonly resource: LocalId;
  readonly host: string;
  readonly port: number;
}

/** The plant's own MQTT broker: only these topics are subscribed to, and no other can name a key. */
export interface MqttSource extends SourceAt {
  readonly via: 'mqtt';
  /** The password stands in the gateway's folder and in no document. */
  readonly username?: string | undefined;
  readonly topics: readonly MqttTopic[];
}

/** A controller that is asked again and again; only functions that read are ever sent. */
export interface ModbusSource extends SourceAt {
  readonly via: 'modbus';
  readonly unit: number;
  readonly everyMilliseconds: number;
  readonly values: readonly ModbusValue[];
}

/** Where a machine's telemetry is fetched, beside its own adapter. */
export type TelemetrySource = MqttSource | ModbusSource;
