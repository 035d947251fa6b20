// Known bad on purpose: the linter must complain about the promise that nobody awaits.
async function remove(): Promise<void> {
  await Promise.resolve();
}

export function removeAll(): void {
  remove();
}
