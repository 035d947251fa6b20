/** The name in a stack's ARN: `arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID`. What is no ARN is taken for a name. */
export function stackNameOf(stackId: string): string {
  return stackId.startsWith('arn:') ? (stackId.split('/')[1] ?? stackId) : stackId;
}
