/** One check of function rights, or of the plant's own input, removed at a time. */
const of = (name) => (code, text, replacement) => ({
  code,
  file: `libs/domain/src/function/${name}.ts`,
  text,
  replacement,
  spec: `libs/domain/src/function/${name}.spec.ts`,
});
const right = of('function-right');
const modbus = of('modbus');
const atGateway = (name, spec) => (code, text, replacement) => ({
  ...{ code, text, replacement, spec },
  file: `apps/edge-gateway/src/${name}.ts`,
});
const filter = atGateway('function/modbus-filter', 'test/scenarios/machines-behind-one-gateway.spec.ts');
const hand = atGateway('plant/local-hand', 'apps/edge-gateway/src/plant/local-hand.spec.ts');
const input = atGateway('plant/lockout-input', 'apps/edge-gateway/src/plant/lockout-input.spec.ts');

export const FUNCTIONS = [
  right('outside_grant', 'enforced && (action === agreed', '(action === agreed'),
  right('outside_grant', '|| parts.service === agreed)', '|| true)'),
  modbus('function_not_granted', 'return READING.get(functionCode) === unit;', 'return true;'),
  modbus('function_not_granted', '.get(functionCode) === unit', '.has(functionCode)'),
  modbus('function_not_granted', '=== READ_DEVICE_IDENTIFICATION', '>= 0'),
  modbus('protocol_violation', 'word(bytes, at + 2) !== 0 || ', ''),
  filter('function_not_granted', '!readOnly || modbusReads(frame)', 'true'),
  filter('function_not_granted', 'unit !== undefined && frame.unit !== unit', 'false'),
  hand('lockout', 'if (options.inputTripped()) return', 'if (false) return'),
  input('lockout', 'said?.trim() !== options.released', 'said !== undefined && said.trim() !== options.released'),
  input('lockout', '> NO_ANSWER && !tripped', '> NO_ANSWER && tripped'),
];
