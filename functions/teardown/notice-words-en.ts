import { counted } from '../core/report.ts';
import { adviceSentence } from './failures.ts';
import type { StackWords } from './notice-words.ts';
import { listed } from './wording.ts';

export const en: StackWords = {
  verdict: {
    begun: 'deletion has begun',
    deleted: 'deleted',
    failed: 'could not be deleted',
    stopped: 'deletion was stopped before its end',
    refused: 'deletion refused, nothing was removed',
    nothing: 'there was nothing left to delete',
  },
  stacks: (count) => counted(count, 'stack'),
  someStacks: (some, all) => `${some} of ${counted(all, 'stack')}`,
  request: 'Teardown',
  labels: {
    going: 'To be deleted',
    inTheWay: 'What is in the way',
    next: 'Who must do what',
    deleted: 'Deleted',
    removed: 'Contents removed',
    remaining: 'Still in the account',
    notes: 'Notes',
    commands: 'Commands for engineers',
    refused: 'Refused because',
  },
  facts: {
    stacks: 'Stacks',
    resources: 'Resources',
    duration: 'Duration',
    logGroups: 'Logs of deleted stacks, removed',
  },
  deletedOf: (deleted, all) => `${deleted} of ${all} deleted`,
  time(seconds) {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
  },
  resources: (count) => counted(count, 'resource'),
  removed: (count, kind) => counted(count, kind),
  listed,
  inStack: (stackName) => `(in the nested stack ${stackName})`,
  outcome: {
    failed: 'could not be deleted',
    refused: 'was not begun',
    'lives on': 'lives on: CloudFormation cancelled the delete',
    stopped: 'was stopped before its end',
  },
  quoted: '',
  awsSays: 'AWS says:',
  advice: adviceSentence,
  again: {
    failed: 'Mend that, then ask for the same stacks again: the work goes on where it stopped.',
    refused: 'Mend that, then ask for the same stacks again.',
    'lives on': 'Mend that, then ask for the same stacks again.',
    stopped: 'Ask for the same stacks again: the work goes on where it stopped.',
  },
  refusal: () => undefined,
  remaining: () => undefined,
  note: () => undefined,
  more: (count) => `and ${count.toLocaleString('en-US')} more, in the report of the run`,
  retain: 'To delete the stack and leave in the account what failed:',
  remove: 'To remove what is still in the account:',
  events: (stackName) => `Events of ${stackName}`,
  updates: 'This message will say how it ended.',
  run: (name) => `run ${name}`,
};
