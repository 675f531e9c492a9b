import ts from 'typescript';

const BANNED = new Set([
  ...['process', 'crypto', 'fetch', 'performance', 'globalThis', 'console', 'require', 'Buffer'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'localStorage', 'navigator'],
]);
const BANNED_MEMBERS = new Set(['Date.now', 'Math.random']);

/**
 * What in a source text reaches for time, chance or the outside. A rule that does so answers differently in a test, in
 * the gateway and at an auditor.
 *
 * @returns one entry for each use, as it is written
 */
export function impureUses(text: string): string[] {
  const source = ts.createSourceFile('rule.ts', text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const use = impureUse(node);
    if (use !== undefined) found.push(use);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function impureUse(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()';
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (ts.isPropertyAccessExpression(node) && BANNED_MEMBERS.has(node.getText())) return node.getText();
  if (ts.isIdentifier(node) && BANNED.has(node.text) && isFreeName(node)) return node.text;
  return undefined;
}

/** A field, a key or a parameter may be called `process`; the global may not be used. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) return parent.name !== node;
  return !(ts.isParameter(parent) || ts.isVariableDeclaration(parent) || ts.isBindingElement(parent));
}
