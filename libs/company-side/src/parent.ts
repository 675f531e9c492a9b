/**
 * Ends this process when its parent is gone. The parent holds the other end of standard input open; even SIGKILL closes it, so
 * a killed start leaves no orphan. Does nothing unless the parent asked for it.
 */
export function endWithParent(asked: boolean, end: () => void): void {
  if (!asked) return;
  process.stdin.on('end', end).on('error', end).resume();
}
