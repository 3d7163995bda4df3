# 通用
not-found = 没有这个编号的内容。
forbidden = 您可以查看,但不能执行此操作。
unauthenticated = 请先登录。
page-size = 每页 1 至 { $max } 条,不能是 { $value }。
cursor-invalid = 这个翻页标记不是本系统给出的。
id-invalid = 这不是对应类型的编号。
idempotency-key = 幂等键须为 1 至 { $max } 个字符。
idempotency-key-reused = 这个幂等键已用于另一个请求。
text-required = 请填写,最多 { $max } 个字符。
text-too-long = 最多 { $max } 个字符。
code-invalid = 代码须为 1 至 { $max } 个字母、数字或 - _ . / 符号。
period-empty = 结束日({ $to })必须晚于开始日({ $from })。
month-invalid = { $value } 不是月份,请写成 2026-11 的形式。
currency-unknown = { $value } 不是货币代码。
money-invalid = { $value } 不是 { $currency } 的金额。
file-too-large = 文件超过 { $max } MiB。
file-empty = 文件是空的。
# 身份
sign-in-failed = 邮箱或密码不正确。
scope-unknown = 您没有这个身份。
no-membership = 您的账号目前没有任何身份。
grant-role = 授权只能给评估员或统计员。
grant-too-long = 授权最长 { $max } 天。
grant-unknown = 没有这个授权,或已被收回。
user-unknown = 这个邮箱没有账号。
# 入驻
tenant-code-taken = 代码 { $code } 在本园区已被使用。
