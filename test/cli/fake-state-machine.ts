import type { Execution, ExecutionDetails, StateMachinePort } from '../../cli/aws/state-machine.ts';
import type { Door } from '../../cli/doors/door.ts';
import { serviceDoor } from '../../cli/doors/service.ts';
import { executionArn, type Identity } from '../../cli/place.ts';

/** What one look at a running execution gives: data of its states, and at the end its output. */
export interface Look {
  readonly texts?: readonly unknown[];
  readonly ends?: Partial<ExecutionDetails>;
}

/** Executions that do what a script says, look by look; the last look stays. */
export class FakeStateMachine implements StateMachinePort {
  deployed = false;
  readonly started: { readonly name: string; readonly input: unknown }[] = [];
  readonly known: ExecutionDetails[] = [];
  /** By the execution's name. */
  readonly scripts = new Map<string, readonly Look[]>();
  /** Called before each wait between two looks. */
  onSleep: () => void = () => {};
  readonly #looks = new Map<string, number>();

  script(name: string, ...looks: readonly Look[]): this {
    this.deployed = true;
    this.scripts.set(name, looks);
    return this;
  }

  door(identity: Identity, sentence: string): Door {
    return serviceDoor({ identity, machine: this, sentence, sleep: async () => this.onSleep() });
  }

  async exists(_machineArn: string): Promise<boolean> {
    return this.deployed;
  }

  async start(machineArn: string, name: string, input: string): Promise<string> {
    this.started.push({ name, input: JSON.parse(input) });
    return `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  }

  async execution(arn: string): Promise<ExecutionDetails> {
    const known = this.known.find((each) => each.arn === arn);
    if (known) {
      return known;
    }
    const name = arn.split(':').at(-1) ?? '';
    const at = (this.#looks.get(name) ?? -1) + 1;
    this.#looks.set(name, at);
    const look = this.#look(name);
    return { arn, name, status: 'RUNNING', startedAt: '2026-11-23T08:00:00.000Z', ...look.ends };
  }

  async dataSince(arn: string, eventId: number) {
    const name = arn.split(':').at(-1) ?? '';
    const seen = (this.scripts.get(name) ?? []).slice(0, (this.#looks.get(name) ?? 0) + 1);
    const texts = seen.flatMap((look) => look.texts ?? []).map((text) => JSON.stringify(text));
    return { texts: texts.slice(eventId), eventId: texts.length };
  }

  async executions(_machineArn: string, most: number): Promise<readonly Execution[]> {
    return this.known.slice(0, most);
  }

  #look(name: string): Look {
    const looks = this.scripts.get(name) ?? [];
    return looks[Math.min(this.#looks.get(name) ?? 0, looks.length - 1)] ?? {};
  }
}

/** An execution that is over. */
export function pastExecution(
  identity: Identity,
  more: Partial<ExecutionDetails> & { readonly name: string },
): ExecutionDetails {
  return {
    arn: executionArn(identity, more.name),
    status: 'SUCCEEDED',
    startedAt: '2026-11-23T08:00:00.000Z',
    stoppedAt: '2026-11-23T08:05:00.000Z',
    ...more,
  };
}
