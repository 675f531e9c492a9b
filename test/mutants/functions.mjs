/** One check of the rules of function rights removed at a time. */
const of = (name) => (code, text, replacement) => ({
  code,
  file: `libs/domain/src/function/${name}.ts`,
  text,
  replacement,
  spec: `libs/domain/src/function/${name}.spec.ts`,
});
const right = of('function-right');
const modbus = of('modbus');

export const FUNCTIONS = [
  right('outside_grant', 'enforced && (action === agreed', '(action === agreed'),
  right('outside_grant', '|| parts.service === agreed)', '|| true)'),
  modbus('function_not_granted', 'return READING.has(functionCode);', 'return true;'),
  modbus('function_not_granted', '=== READ_DEVICE_IDENTIFICATION', '>= 0'),
  modbus('protocol_violation', 'word(bytes, at + 2) !== 0 || ', ''),
];
