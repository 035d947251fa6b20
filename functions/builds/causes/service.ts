import { anyOf, byReason, byText, type Cause, quoted } from './cause.ts';

/** How CodeBuild itself ended the build. By the status alone, so these stand first. */
export const ENDING_CAUSES = [
  {
    code: 'stopped',
    who: 'wait',
    // Who stopped it stands neither in the event nor in BatchGetBuilds: `initiator` is who started the build, and the phase
    // that was stopped has no context. Only CloudTrail knows.
    // https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html
    // https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildPhase.html
    recognise: ({ status, stoppedBy }) =>
      status === 'STOPPED' ? (stoppedBy === undefined ? {} : { who: stoppedBy }) : undefined,
    words: {
      en: {
        what: ({ who }) =>
          who === undefined
            ? 'Somebody, or another program, stopped this build. CodeBuild does not tell who.'
            : `${who} stopped this build.`,
        next: ({ who }) =>
          who === undefined
            ? 'Start the build again if it was stopped by mistake; an AWS administrator can look up in CloudTrail (StopBuild) who stopped it.'
            : `Ask ${who} if you did not expect it.`,
      },
      ja: {
        what: ({ who }) =>
          who === undefined
            ? 'このビルドは、だれか（または別のプログラム）によって中止されました。だれが中止したかは CodeBuild からは通知されません。'
            : `${who} さんがこのビルドを中止しました。`,
        next: ({ who }) =>
          who === undefined
            ? '誤って中止された場合は、もう一度ビルドを実行してください。中止した人は、AWS の管理者が CloudTrail（StopBuild）で確認できます。'
            : `心当たりがない場合は、${who} さんに確認してください。`,
      },
    },
  },
  {
    code: 'queue-timeout',
    who: 'wait',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/create-project.html (queued timeout)
    recognise: ({ status, phase }) => (status === 'TIMED_OUT' && phase === 'QUEUED' ? {} : undefined),
    words: {
      en: {
        what: () =>
          'The build waited in the queue until its time was up, because too many other builds were running. It never started.',
        next: () =>
          'Start it again when fewer builds run. If this happens often, ask an AWS administrator for a higher limit of concurrent builds.',
      },
      ja: {
        what: () => 'ほかのビルドが多く、順番待ちのまま制限時間を過ぎたため、ビルドは始まりませんでした。',
        next: () =>
          '混雑していないときに、もう一度ビルドを実行してください。よく起こる場合は、同時実行数の引き上げを AWS の管理者に相談してください。',
      },
    },
  },
  {
    code: 'build-timeout',
    who: 'you',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html
    recognise: anyOf(
      ({ status }) => (status === 'TIMED_OUT' ? {} : undefined),
      byReason([/BUILD_TIMED_OUT/, /Build has timed out/i]),
    ),
    words: {
      en: {
        what: () => 'The build took longer than the project allows, so CodeBuild ended it.',
        next: () =>
          'Look at the last lines of the log: a command that waits for input or for the network is the usual reason. If the build really needs longer, ask an AWS administrator to raise the time-out.',
      },
      ja: {
        what: () => 'ビルドがプロジェクトの制限時間を超えたため、CodeBuild が終了させました。',
        next: () =>
          'ログの最後の行を確認してください。入力待ちや通信待ちで止まっているコマンドがよくある原因です。本当に時間が必要な場合は、制限時間の延長を AWS の管理者に依頼してください。',
      },
    },
  },
  {
    code: 'codebuild-fault',
    who: 'wait',
    // https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildPhase.html (FAULT)
    recognise: anyOf(
      ({ status }) => (status === 'FAULT' ? {} : undefined),
      byReason([/INTERNAL_SERVICE_ERROR/, /CodeBuild is experiencing (?:an )?issues?/i]),
    ),
    words: {
      en: {
        what: () => 'AWS CodeBuild itself had a fault. Your code is not the reason.',
        next: () =>
          'Start the build again. If it fails the same way, look at health.aws.amazon.com or ask an AWS administrator.',
      },
      ja: {
        what: () => 'AWS CodeBuild 側の障害です。コードの問題ではありません。',
        next: () =>
          'もう一度ビルドを実行してください。繰り返す場合は、health.aws.amazon.com を確認するか、AWS の管理者に相談してください。',
      },
    },
  },
] as const satisfies readonly Cause[];

/** Setting up the build machine: rights, network, capacity. What CodeBuild says itself, so before anything in a log. */
export const SETUP_CAUSES = [
  {
    code: 'role-cannot-be-assumed',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
    recognise: byReason([
      /CodeBuild is not authorized to perform: sts:AssumeRole(?: on (?<role>\S+))?/i,
      /Service role (?<role>\S+) (?:does not exist|cannot be assumed|is not authorized)/i,
    ]),
    words: {
      en: {
        what: () =>
          'CodeBuild could not take on the role that the build runs with: it was deleted, or it no longer trusts CodeBuild.',
        next: () =>
          'Ask an AWS administrator to restore the project’s service role; deploying the pipeline’s stack again does that.',
      },
      ja: {
        what: () =>
          'ビルド用のロールを CodeBuild が使えませんでした。ロールが削除されたか、CodeBuild を信頼する設定が外れています。',
        next: () =>
          'AWS の管理者に、プロジェクトのサービスロールの復旧を依頼してください。パイプラインのスタックを再デプロイすると復旧します。',
      },
    },
  },
  {
    code: 'role-no-logs',
    who: 'admin',
    recognise: byReason([
      /does not allow AWS CodeBuild to create Amazon CloudWatch Logs/i,
      /not authorized to perform: logs:CreateLogStream/,
    ]),
    words: {
      en: {
        what: () => 'The build’s role may not write a log, and CodeBuild does not start a build without one.',
        next: () =>
          'Ask an AWS administrator to allow the build’s role logs:CreateLogStream and logs:PutLogEvents on the project’s log group.',
      },
      ja: {
        what: () => 'ビルドのロールにログを書き込む権限がないため、ビルドを開始できませんでした。',
        next: () =>
          'AWS の管理者に、プロジェクトのロググループに対する logs:CreateLogStream と logs:PutLogEvents の許可を依頼してください。',
      },
    },
  },
  {
    code: 'no-capacity',
    who: 'wait',
    // https://github.com/hashicorp-education/learn-terraform-aws-control-tower-aft/issues/7
    recognise: byReason([
      /Cannot have more than (?<limit>\d+) (?:active )?builds? in queue/i,
      /ACCOUNT_?LIMIT_?EXCEEDED/i,
      /concurrent (?:build|builds) limit/i,
      /INSUFFICIENT_CAPACITY|insufficient capacity/i,
    ]),
    words: {
      en: {
        what: ({ limit }) =>
          `AWS had no free build machine: the account may not run more builds at the same time${limit === undefined ? '' : ` (limit ${limit})`}.`,
        next: () =>
          'Start the build again later. If it happens often, ask an AWS administrator to raise the quota “concurrently running builds”.',
      },
      ja: {
        what: ({ limit }) =>
          `空いているビルド環境がありませんでした。アカウントの同時ビルド数が上限${limit === undefined ? '' : `（${limit}）`}に達しています。`,
        next: () =>
          'しばらくしてから、もう一度ビルドを実行してください。よく起こる場合は、同時実行ビルド数の上限緩和を AWS の管理者に依頼してください。',
      },
    },
  },
  {
    code: 'vpc-throttled',
    who: 'wait',
    // https://github.com/aws-ia/terraform-aws-control_tower_account_factory/issues/626
    recognise: byReason([/Unexpected EC2 error: RequestLimitExceeded/]),
    words: {
      en: {
        what: () =>
          'Too many builds asked for a place in the company’s AWS network (VPC) at once, and AWS turned this one away.',
        next: () =>
          'Start the build again in a few minutes. If it happens often, ask an AWS administrator to limit how many builds of the project run at the same time.',
      },
      ja: {
        what: () =>
          '多くのビルドが一度に社内の AWS ネットワーク（VPC）を使おうとしたため、このビルドは AWS に受け付けられませんでした。',
        next: () =>
          '数分待ってから、もう一度ビルドを実行してください。よく起こる場合は、プロジェクトの同時ビルド数を制限するよう、AWS の管理者に依頼してください。',
      },
    },
  },
  {
    code: 'vpc',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/sample-efs.html
    recognise: byReason([
      /VPC_CLIENT_ERROR(?!.*RequestLimitExceeded)/,
      /INSUFFICIENT_SUBNET/,
      /Unexpected EC2 error(?!: RequestLimitExceeded)/,
    ]),
    words: {
      en: {
        what: () =>
          'The build machine could not be placed in the company’s AWS network (VPC): a subnet or a security group is missing or full, or the build’s role lacks a right.',
        next: () =>
          'Ask an AWS administrator to check the project’s VPC settings: subnets, security groups, and the EC2 rights of the build’s role.',
      },
      ja: {
        what: () =>
          'ビルド環境を社内の AWS ネットワーク（VPC）に配置できませんでした。サブネットやセキュリティグループがない、空きがない、またはロールの権限が足りないことが考えられます。',
        next: () =>
          'AWS の管理者に、プロジェクトの VPC 設定（サブネット、セキュリティグループ、ロールの EC2 権限）の確認を依頼してください。',
      },
    },
  },
  {
    code: 'parameter-missing',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
    recognise: byText([
      /Decrypted Variables Error(?::| Message:) parameter does not exist: (?<name>\S+)/,
      /Secrets Manager Error(?::| Message:).*(?:can't find the specified secret|ResourceNotFound)/,
    ]),
    words: {
      en: {
        what: ({ name }) =>
          `The build needs a stored setting${name === undefined ? '' : ` ${quoted(name, 'en')}`} (Parameter Store or Secrets Manager) that is not there.`,
        next: () =>
          'Check the name in the buildspec under “env”. If it is right, ask an AWS administrator to create the setting.',
      },
      ja: {
        what: ({ name }) =>
          `ビルドに必要な設定値${quoted(name, 'ja')}が、パラメータストアまたは Secrets Manager にありません。`,
        next: () =>
          'buildspec の env に書いた名前を確認してください。名前が正しい場合は、AWS の管理者に設定値の作成を依頼してください。',
      },
    },
  },
  {
    code: 'parameter-denied',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
    recognise: byText([
      /(?:Decrypted Variables|Secrets Manager) Error(?::| Message:).*AccessDenied/,
      /not authorized to perform: (?:ssm:GetParameters?|secretsmanager:GetSecretValue)\b(?: on resource: (?<name>\S+))?/,
    ]),
    words: {
      en: {
        what: () =>
          'The build may not read a stored setting or password (Parameter Store or Secrets Manager) that it needs.',
        next: () =>
          'Ask an AWS administrator to let the build’s role read it; the reason below names the right and the resource.',
      },
      ja: {
        what: () =>
          'ビルドに必要な設定値やパスワード（パラメータストアまたは Secrets Manager）を読み取る権限がありません。',
        next: () =>
          'AWS の管理者に、ビルドのロールへの読み取り許可を依頼してください。必要な権限とリソース名は、下の理由に表示されています。',
      },
    },
  },
] as const satisfies readonly Cause[];
