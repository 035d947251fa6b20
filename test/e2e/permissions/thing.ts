import type { Scene } from '../support/scene.ts';
import type { Resources } from '../support/templates.ts';

/** Something that a stack holds, and what puts into it everything that the custom resource removes. */
export interface Thing {
  resources(name: string): Resources;
  fill(scene: Scene, name: string): Promise<void>;
}
