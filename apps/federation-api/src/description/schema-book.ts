import { SCHEMA_NAMES } from '@interlock/contracts';
import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface SchemaBook {
  /** The JSON Schema of a zod schema, with what has a name of its own referred to. */
  readonly use: (schema: unknown) => JsonSchema;
  /** The members of an object schema, each described: what a query takes. */
  readonly members: (
    schema: unknown,
  ) => readonly { readonly name: string; readonly required: boolean; readonly schema: JsonSchema }[];
  /** Everything that was referred to, by name. */
  readonly all: () => Readonly<Record<string, JsonSchema>>;
}

const PLACE = '#/components/schemas/';

/** Collects schemas for one description: JSON Schema 2020-12, which OpenAPI 3.1 and AsyncAPI 3 both take. */
export function schemaBook(): SchemaBook {
  const named = new Map<string, JsonSchema>();
  const use = (schema: unknown): JsonSchema => {
    if (!(schema instanceof z.ZodType)) throw new Error('only zod schemas can be described');
    const made = moved(z.toJSONSchema(schema, { metadata: SCHEMA_NAMES, io: 'input' }));
    const { $schema, $defs = {}, id, ...own } = made;
    for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>))
      named.set(name, bare(definition));
    const name = SCHEMA_NAMES.get(schema)?.id;
    // What has a name and is referred to from within stands among the definitions already.
    if (name === undefined || '$ref' in own) return own;
    named.set(name, own);
    return { $ref: `${PLACE}${name}` };
  };
  return {
    use,
    members: (schema) => {
      if (!(schema instanceof z.ZodObject)) throw new Error('a query is described by an object schema');
      return Object.entries(schema.shape).map(([name, own]) => ({
        name,
        required: own instanceof z.ZodType && !own.safeParse(undefined).success,
        schema: use(own),
      }));
    },
    all: () => Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const moved = (schema: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${PLACE}`)) as Record<string, unknown>;

const bare = ({ id, ...definition }: JsonSchema): JsonSchema => definition;
