/** The release that these programs were built from; `package.json` says the same. */
export const RELEASE = '0.1.0';
