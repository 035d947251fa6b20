import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseProperties } from '#functions/schemas/custom-resource-properties.ts';

const DEFAULTS = {
  serviceTimeout: undefined,
  deleteLogStreams: true,
  disableLogGroupDeletionProtection: false,
  removeRolesFromInstanceProfiles: false,
  detachPoliciesFromOthers: false,
  removePermissionsBoundaries: false,
  emptyBuckets: false,
};

describe('parseProperties', () => {
  it('has a default for everything', () => {
    expect(parseProperties({})).toEqual({ properties: DEFAULTS, faults: [] });
    expect(parseProperties({ ServiceToken: 'arn:aws:lambda:…' }).faults).toEqual([]);
  });

  it.each([
    ['true', true],
    ['false', false],
    ['True', true],
    ['FALSE', false],
    [true, true],
    [false, false],
  ])('reads a switch that is %j', (given, expected) => {
    const { properties, faults } = parseProperties({
      DeleteLogStreams: given,
      DisableLogGroupDeletionProtection: given,
      RemoveRolesFromInstanceProfiles: given,
      DetachPoliciesFromOthers: given,
      RemovePermissionsBoundaries: given,
      EmptyBuckets: given,
    });
    expect(faults).toEqual([]);
    expect(properties).toEqual({
      serviceTimeout: undefined,
      deleteLogStreams: expected,
      disableLogGroupDeletionProtection: expected,
      removeRolesFromInstanceProfiles: expected,
      detachPoliciesFromOthers: expected,
      removePermissionsBoundaries: expected,
      emptyBuckets: expected,
    });
  });

  it.each(['yes', '', 'true ', '1', 1, null, [], {}, ['true']])(
    'takes a switch that is %j for off and says so',
    (given) => {
      const { properties, faults } = parseProperties({ DeleteLogStreams: given });
      expect(properties.deleteLogStreams).toBe(false);
      expect(faults).toEqual(["DeleteLogStreams must be 'true' or 'false'"]);
    },
  );

  it.each([
    ['1', 1],
    ['3600', 3600],
    [90, 90],
  ])('reads ServiceTimeout %j', (given, expected) => {
    expect(parseProperties({ ServiceTimeout: given })).toEqual({
      properties: { ...DEFAULTS, serviceTimeout: expected },
      faults: [],
    });
  });

  it.each(['0', '3601', '-1', '1.5', '1e3', '', 'soon', 1.5, null, true])('refuses ServiceTimeout %j', (given) => {
    const { properties, faults } = parseProperties({ ServiceTimeout: given });
    expect(properties.serviceTimeout).toBeUndefined();
    expect(faults).toEqual(['ServiceTimeout must be a whole number of seconds from 1 to 3600']);
  });

  it('names all faults at once, and what is known', () => {
    expect(parseProperties({ DeleteLogStream: 'true', Force: 'true', ServiceTimeout: 'x' }).faults).toEqual([
      'ServiceTimeout must be a whole number of seconds from 1 to 3600',
      'DeleteLogStream, Force are unknown; known are ServiceToken, ServiceTimeout, DeleteLogStreams, DisableLogGroupDeletionProtection, RemoveRolesFromInstanceProfiles, DetachPoliciesFromOthers, RemovePermissionsBoundaries, EmptyBuckets',
    ]);
  });

  it('does not know what every object inherits', () => {
    expect(parseProperties({ constructor: 'x' }).faults[0]).toContain('constructor is unknown');
  });

  it('gives no consent that was not clearly given', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        const { properties, faults } = parseProperties({ DisableLogGroupDeletionProtection: given });
        const clearly = given === true || (typeof given === 'string' && given.toLowerCase() === 'true');
        expect(properties.disableLogGroupDeletionProtection).toBe(clearly);
        const off = given === false || (typeof given === 'string' && given.toLowerCase() === 'false');
        expect(faults.length).toBe(clearly || off ? 0 : 1);
      }),
    );
  });
});
