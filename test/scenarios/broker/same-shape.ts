/** Where two values differ in shape: members, kinds of values and of what lists hold. `null` and an empty list are of every shape. */
export function shapesDiffer(one: unknown, other: unknown, at = 'it'): string | undefined {
  if (one === null || other === null || one === undefined || other === undefined) return undefined;
  if (Array.isArray(one) && Array.isArray(other)) {
    if (one.length === 0 || other.length === 0) return undefined;
    const strange = one.find((row) => other.every((known) => shapesDiffer(row, known)));
    return strange === undefined ? undefined : shapesDiffer(strange, other[0], `${at}[]`);
  }
  if (typeof one !== typeof other || Array.isArray(one) !== Array.isArray(other))
    return `${at} is ${typeof one}, and was ${typeof other}`;
  if (typeof one !== 'object') return undefined;
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].map(nameless);
  for (const name of new Set(names)) {
    const [here, there] = [left, right].map((of) => Object.keys(of).find((key) => nameless(key) === name));
    if (here === undefined || there === undefined) return `${at}.${name} is in one of them alone`;
    const differs = shapesDiffer(left[here], right[there], `${at}.${name}`);
    if (differs) return differs;
  }
  return undefined;
}

/** A member whose name is an id made anew each time, as the id of anything. */
const nameless = (key: string): string => key.replace(/^([a-z]{2,4})_[0-9a-z]{26}$/, '$1_');

/** The same with nothing in it that once opened something: tokens, and the signatures of tickets and proofs, are blackened. */
export function blackened(value: unknown): unknown {
  const text = JSON.stringify(value, (name, member: unknown) => {
    if (typeof member !== 'string') return member;
    if (name === 'access_token' || name === 'token') return 'A'.repeat(member.length);
    return member.replace(
      /^([\w-]+\.[\w-]+\.)([\w-]{60,})$/,
      (_, said: string, by: string) => said + 'A'.repeat(by.length),
    );
  });
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
