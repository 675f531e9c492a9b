/** One check of a file removed: the exact text, what takes its place, and the test that must go red. */
const of = (folder) => (file, spec) => (code, text, replacement) => ({
  ...{ code, file: `${folder}/${file}`, text, replacement },
  spec: `${folder}/${spec}`,
});

export const ofDomain = of('libs/domain/src');
export const ofProof = of('libs/proof/src');
export const ofGateway = of('apps/edge-gateway/src');
