/**
 * OCSF 1.8.0, the part that Interlock writes: the classes, objects and attributes of it, which of them a class demands, their types and the
 * numbers that an enumeration knows (github.com/ocsf/ocsf-schema at the commit of version 1.8.0). As JSON Schema 2020-12; an attribute that
 * is not here is refused, so that one that the schema does not have is never written unseen.
 */
type Attributes = Readonly<Record<string, object>>;

const text = { type: 'string' };
const whole = { type: 'integer' };
const oneOf = (...numbers: readonly number[]) => ({ enum: numbers });
const upTo = (last: number) => oneOf(...Array.from({ length: last + 1 }, (_, n) => n), 99);
const object = (properties: Attributes, required: readonly string[], atLeastOne: readonly string[] = []) => ({
  type: 'object',
  ...{ properties, required, additionalProperties: false },
  ...(atLeastOne.length > 0 && { anyOf: atLeastOne.map((name) => ({ required: [name] })) }),
});
const list = (items: object) => ({ type: 'array', items });

const named = object({ name: text, uid: text }, [], ['name', 'uid']);
const user = object({ name: text, uid: text, type_id: upTo(4), org: named }, [], ['name', 'uid']);
const endpoint = object({ name: text, uid: text }, [], ['name', 'uid']);
const metadata = object(
  {
    ...{ version: { const: '1.8.0' }, uid: text, event_code: text, log_name: text, log_provider: text },
    ...{ sequence: whole, logged_time: whole, correlation_uid: text },
    product: object({ name: text, vendor_name: text }, [], ['name']),
  },
  ['version', 'product'],
);

const EVERY: Attributes = {
  ...{ status_code: text, status_detail: text, time: whole, message: text, metadata, unmapped: { type: 'object' } },
  severity_id: upTo(6),
  status_id: upTo(2),
};
const ALWAYS = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];

function classOf(uid: number, category: number, activities: number, own: Attributes, required: readonly string[]) {
  const numbers = upTo(activities);
  return object(
    {
      ...EVERY,
      ...own,
      class_uid: { const: uid },
      category_uid: { const: category },
      activity_id: numbers,
      // Always the class times a hundred and the activity.
      type_uid: oneOf(...numbers.enum.map((activity) => uid * 100 + activity)),
    },
    [...ALWAYS, ...required],
  );
}

const finding = {
  status_id: upTo(6),
  finding_info: object({ uid: text, title: text, created_time: whole }, ['uid']),
  resources: list(named),
};
const actor = object({ user }, ['user']);
const api = object({ operation: text, service: named }, ['operation']);
const ends = { src_endpoint: endpoint, dst_endpoint: endpoint };
const right = { user, privileges: list(text) };
const entity = object({ uid: text, name: text, type_id: upTo(7) }, [], ['name', 'uid']);
const databucket = object({ uid: text, name: text, type: text, type_id: upTo(3) }, ['type_id'], ['name', 'uid']);

/** The schema of each class, by its number. */
export const OCSF_CLASSES: ReadonlyMap<number, object> = new Map([
  [2004, classOf(2004, 2, 3, finding, ['finding_info'])],
  [2006, classOf(2006, 2, 4, finding, ['finding_info'])],
  [3003, classOf(3003, 3, 2, right, ['user', 'privileges'])],
  [3004, classOf(3004, 3, 13, { entity }, ['entity'])],
  [3005, classOf(3005, 3, 2, right, ['user', 'privileges'])],
  [4001, classOf(4001, 4, 7, ends, ['src_endpoint'])],
  [6003, classOf(6003, 6, 4, { ...ends, actor, api }, ['actor', 'api', 'src_endpoint'])],
  [6005, classOf(6005, 6, 10, { ...ends, actor, databucket }, ['actor', 'src_endpoint', 'databucket'])],
]);
