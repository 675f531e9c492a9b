/** The test file of all virus scanners (EICAR), put together at run time so that no scanner takes this repository for a find. */
export const eicar = (): Buffer =>
  Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!', '$H+H*'].join(''), 'latin1');

/** A signature database that knows it and nothing else: clamd's .ndb form, `name:type:offset:hex`. */
export const eicarDatabase = (): Record<string, string> => ({
  'own.ndb': `Interlock.Test.Eicar:0:*:${eicar().toString('hex')}\n`,
});
