/**
 * A double of AWS Secrets Manager: it tells the value of a secret that it was given, and takes another for it.
 *
 * What it does not do: versions and stages, rotation, making and deleting, binary values, keys, policies, replicas.
 */
import { json, jsonError, type Service, startService } from './service.ts'

export interface SecretsManager extends Service {
  /** By name. Changing it is what an operator does. */
  readonly secrets: Map<string, string>
}

export async function startSecrets({ port = 0 }: { readonly port?: number } = {}): Promise<SecretsManager> {
  const secrets = new Map<string, string>()
  const service = await startService(port, {
    service: 'secretsmanager',
    throttled: 'ThrottlingException',
    says: jsonError,
    answer({ headers, body }) {
      const { SecretId, SecretString: next } = JSON.parse(body.toString('utf8')) as Readonly<Record<string, string>>
      const SecretString = secrets.get(SecretId ?? '')
      if (SecretId === undefined || SecretString === undefined)
        return jsonError(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
      switch (headers['x-amz-target']) {
        case 'secretsmanager.GetSecretValue':
          return json(200, { Name: SecretId, SecretString, VersionStages: ['AWSCURRENT'] })
        case 'secretsmanager.PutSecretValue':
          secrets.set(SecretId, next ?? '')
          return json(200, { Name: SecretId, VersionStages: ['AWSCURRENT'] })
        default:
          return jsonError(400, 'UnknownOperationException', 'This double does not know it')
      }
    },
  })
  return { ...service, secrets }
}
