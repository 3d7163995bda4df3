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
# 上传的表格
file-unknown = 没有这个编号的上传文件。
file-kind = 这既不是 CSV 文件,也不是 XLSX 工作簿。旧格式(.xls)或加密的工作簿请先另存为 .xlsx。
file-encoding = 第 { $row } 行不能按 { $encoding } 读取。请将文件另存为 CSV UTF-8。
table-empty = 文件的表头下没有数据行。
table-too-many-rows = 文件超过 { $max } 行,请拆分。
table-too-many-columns = 文件超过 { $max } 列。
table-cell-too-long = 第 { $row } 行有单元格超过 { $max } 个字符,可能缺少一个引号。
table-too-large = 文件解开后的内容超过 { $max } MiB。
table-quote-open = 第 { $row } 行的引号没有闭合。
workbook-broken = 工作簿已损坏,无法读取。
sheet-unknown = 工作簿中没有这个工作表。
row-ragged = 该行有 { $cells } 个单元格,表头有 { $columns } 个。
column-missing = 文件缺少 { $column } 列。
column-doubled = 文件中 { $column } 列重复。
