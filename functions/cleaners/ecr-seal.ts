import { type PolicyEdit, type Seal, sealPolicy, unsealPolicy } from './policy-seal.ts';

/** The seal of a repository denies pushes. */
const SEAL: Seal = {
  // The four actions of a push. Not one more: a wider Deny locks out DeleteRepository itself.
  actions: ['ecr:PutImage', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload'],
  // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html (policyText)
  longestPolicy: { count: 10_240, unit: 'characters' },
};

/** Adds the seal to a repository's policy (undefined: there is none yet). Every statement that was there stays as it was. */
export function addSeal(text: string | undefined): PolicyEdit {
  return sealPolicy(text, SEAL);
}

/** Takes the seal out of a policy; a policy that holds nothing else is to be deleted. */
export function liftSeal(text: string | undefined): PolicyEdit {
  return unsealPolicy(text, SEAL);
}
