import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ObjectFormat, ObservationRow } from './write-objects.js';

/** Apache Parquet with the columns of a row; `at` and `value` stay the texts that the machine said. */
export const PARQUET: ObjectFormat = {
  name: 'parquet',
  encode: (rows) => {
    const text = (name: keyof ObservationRow, nullable = false) => ({
      ...{ name, nullable, type: 'STRING' as const },
      data: rows.map((row) => row[name]),
    });
    const number = (name: 'offset' | 'sequence') => ({
      ...{ name, nullable: false, type: 'INT64' as const },
      data: rows.map((row) => BigInt(row[name])),
    });
    const names = ['batch', 'machine', 'product', 'flow', 'at', 'key', 'value'] as const;
    const columnData = [
      number('offset'),
      number('sequence'),
      ...names.map((name) => text(name)),
      text('presenter', true),
    ];
    return new Uint8Array(parquetWriteBuffer({ columnData }));
  },
};
